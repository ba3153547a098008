"""Where is it going: forecasts with intervals whose past record is shown."""

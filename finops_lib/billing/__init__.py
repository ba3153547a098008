"""What were we charged: from an export file to a FOCUS lake."""

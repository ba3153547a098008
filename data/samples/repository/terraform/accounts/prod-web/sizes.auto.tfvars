instance_types = {
  parcel_api_021 = "t3.large"
}


module "unnamed_061" {
  source = "../../modules/bucket"
  name   = "cfae97749addb3c74"
  # no tags yet
}

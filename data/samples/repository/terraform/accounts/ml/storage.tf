
module "unnamed_159" {
  source = "../../modules/bucket"
  name   = "0729f305e645ef58b"
  tags = {
    " team" = "mobile"
    "environment" = "prod"
    "cost-center" = "CC-1140"
  }
}

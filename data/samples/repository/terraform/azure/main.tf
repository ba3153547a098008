provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "tracking" {
  name     = "rg-tracking-weu"
  location = "westeurope"
}

resource "azurerm_linux_virtual_machine" "gateway" {
  name                  = "vm-carrier-gateway"
  resource_group_name   = azurerm_resource_group.tracking.name
  location              = azurerm_resource_group.tracking.location
  size                  = "Standard_D4s_v5"
  admin_username        = "lantern"
  network_interface_ids = []

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }

  tags = {
    team        = "tracking"
    environment = "prod"
    cost-center = "CC-1120"
  }
}

resource "azurerm_storage_account" "exports" {
  name                            = "lanternexports"
  resource_group_name             = azurerm_resource_group.tracking.name
  location                        = azurerm_resource_group.tracking.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  allow_nested_items_to_be_public = true
  tags                            = { team = "data", environment = "prod", cost-center = "CC-1130" }
}

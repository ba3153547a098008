provider "google" {
  project = "lantern-maps"
  region  = "europe-west3"
}

resource "google_compute_instance" "geocoder" {
  name         = "geocoder-1"
  machine_type = "n2-standard-4"
  zone         = "europe-west3-b"

  boot_disk {
    initialize_params { image = "debian-cloud/debian-12" }
  }

  network_interface {
    network = "default"
  }

  labels = {
    team        = "ml"
    environment = "prod"
    cost-center = "cc-1150"
  }
}

resource "google_storage_bucket" "tiles" {
  name                        = "lantern-map-tiles"
  location                    = "EUROPE-WEST3"
  uniform_bucket_level_access = true
}

resource "google_compute_firewall" "ssh" {
  name          = "allow-ssh"
  network       = "default"
  source_ranges = ["0.0.0.0/0"]

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}

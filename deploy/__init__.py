"""Every way to run Simpul."""

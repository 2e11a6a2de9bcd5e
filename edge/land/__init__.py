"""What is kept of land disturbance on disk, and what people ask of it: histories, orders, `sandwatch land`."""

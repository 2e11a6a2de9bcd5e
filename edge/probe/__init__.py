"""What a camera sends, looked at once: for the technician who puts it up."""

"""What is drawn on a camera's picture: shown, judged and changed from the command line."""

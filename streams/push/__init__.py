"""What listens for senders (drones): RTMP and SRT up to the point where FFmpeg can read on, and who may send."""

"""Cameras over ONVIF: found, asked for their streams, pointed, and listened to.

Nothing here is imported unless a site uses ONVIF: the SOAP library behind it takes half a second to load.
`spec` and `errors` are light; start at `service`.
"""

#!/bin/sh
# /usr/bin/sandwatch. `!secret NAME` means to a command of root's what it means to the service: what was put there by
# hand, and what was typed into the console.
if [ -z "${SANDWATCH_SECRETS_DIR+set}" ] && [ -r /etc/sandwatch/secrets ]; then
    export SANDWATCH_SECRETS_DIR=/etc/sandwatch/secrets:/var/lib/sandwatch/secrets
fi
exec /opt/sandwatch/bin/sandwatch "$@"

"""What most gateways do: paho-mqtt, QoS 1, its own queue and reconnecting. Arguments and lines as of bench.outage.ours.

It answers for an event when `publish` has taken it, and says "refused" where it has not; "empty": the broker has
acknowledged all of them.
"""

import json
import sys
import time

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

_TOPIC = "sandwatch/v1/410000/410100/410122/bench/ev/vehicle.zone/gate"
_TOGETHER = 200


def main(port: int, first: int, last: int, rate: float) -> None:
    client = Client(CallbackAPIVersion.VERSION2, "paho", clean_session=False)
    client.reconnect_delay_set(1, 2)
    taken: list[int] = []
    client.on_publish = lambda *given: taken.append(given[2])
    client.connect_async("127.0.0.1", port)
    client.loop_start()
    begin, refused = time.monotonic(), 0
    for number in range(first, last):
        if rate:
            time.sleep(max(0.0, begin + (number - first) / rate - time.monotonic()))
        info = client.publish(_TOPIC, json.dumps({"id": f"e{number}/0", "data": {}}), 1)
        # Its queue ends where MQTT's packet numbers do.
        full = info.rc is MQTTErrorCode.MQTT_ERR_QUEUE_SIZE
        refused += full
        print("refused" if full else number, flush=bool(rate) or number % _TOGETHER == 0)
    sys.stdout.flush()
    while len(taken) < last - first - refused:
        time.sleep(0.05)
    print("empty", flush=True)
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    port, _, first, last, rate, _ = sys.argv[1:]
    main(int(port), int(first), int(last), float(rate))

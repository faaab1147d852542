"""A shop's back end that rewards purchases with points.

POST /purchases takes {"user_id", "order_id", "total"}. It awards one point for each whole unit of money, records the
day for the streak `daily_purchase`, and returns the points, the new balance and the tier that the purchase reached, if
any. The shop itself stores nothing. It needs the client: pip install laurels. purchase.mjs is the same program in
JavaScript, without a client.

LAURELS_URL=http://127.0.0.1:8080 LAURELS_KEY=lk_live_… PORT=3000 python examples/purchase.py
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from laurels.client import Laurels, LaurelsError, RefusedError

laurels = Laurels(os.environ["LAURELS_URL"], os.environ["LAURELS_KEY"])


def checked(purchase: Any) -> dict[str, Any]:
    """The purchase, if it is complete. A missing id must not become part of the idempotency key: all orders without an
    id would then count as one order. Raises ValueError."""
    fields: dict[str, tuple[type, ...]] = {"user_id": (str,), "order_id": (str,), "total": (int, float)}
    for name, kinds in fields.items():
        value = purchase.get(name) if isinstance(purchase, dict) else None
        if not isinstance(value, kinds) or isinstance(value, bool) or value == "":
            raise ValueError(f"{name} must be a {'string' if str in kinds else 'number'}")
    return dict(purchase)


def reward(purchase: dict[str, Any]) -> dict[str, Any]:
    """Awards the points and records the day. Calling it again for the same order is safe: the order's id is the
    idempotency key."""
    award = laurels.award_points(
        purchase["user_id"],
        int(purchase["total"]),
        reason=f"Order {purchase['order_id']}",
        metadata={"order_id": purchase["order_id"], "total": purchase["total"]},
        idempotency_key=f"order-{purchase['order_id']}",
    )
    laurels.record_streak(purchase["user_id"], "daily_purchase")
    if award.tier_upgrade:
        print(f"{purchase['user_id']} is now {award.tier_upgrade.name}", flush=True)
    return {
        "points_earned": award.amount,
        "new_balance": award.new_balance,
        "tier_upgrade": msgspec.to_builtins(award.tier_upgrade),
    }


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        if self.path != "/purchases":
            self.respond(404, {"error": "Not found. The only endpoint is POST /purchases"})
            return
        try:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.respond(200, reward(checked(json.loads(body))))
        except json.JSONDecodeError as error:
            self.respond(400, {"error": f"The body is not JSON: {error}"})
        except ValueError as error:
            self.respond(400, {"error": str(error)})
        except RefusedError as error:
            self.respond(502, {"error": error.detail})
        except LaurelsError as error:
            self.respond(502, {"error": f"Laurels cannot be reached: {error.detail}"})

    def respond(self, status: int, body: dict[str, Any]) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *arguments: object) -> None:
        """Prints nothing, so that the lines about tiers stand out."""


if __name__ == "__main__":
    shop = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Shop)
    print(f"The shop listens on http://127.0.0.1:{shop.server_port}", flush=True)
    shop.serve_forever()

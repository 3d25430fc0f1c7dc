"""`from zhuban.spark import route_df`: see `engine/spark.py`."""

from engine.spark import Shipment, route_df, ship

__all__ = ["Shipment", "route_df", "ship"]

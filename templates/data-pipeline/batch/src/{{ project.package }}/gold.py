"""Gold: what the numbers mean. Pure functions on frames, run by whichever engine holds the data."""

import narwhals as nw

from .engines import Frame


def summarise(orders: Frame) -> Frame:
    """Orders, customers and revenue of each day, country and currency."""
    return orders.group_by("ds", "country", "currency").agg(
        orders=nw.len(),
        customers=nw.col("customer_id").n_unique(),
        revenue=nw.col("amount").sum().cast(nw.Decimal(18, 2)),
    )


def totals(daily: Frame) -> Frame:
    """What `run` prints at its end. Customers are left out: those of two days do not add up."""
    return daily.group_by("currency").agg(
        days=nw.col("ds").n_unique(),
        orders=nw.col("orders").sum().cast(nw.Int64),
        revenue=nw.col("revenue").sum().cast(nw.Decimal(18, 2)),
    )

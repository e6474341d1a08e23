"""The demonstration: two gateways on this machine play an order from purchase order to invoice."""

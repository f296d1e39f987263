"""The roof: settings, addresses, workers and the embedded services. Nothing below imports it."""

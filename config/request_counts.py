"""The counters of requests; imported only where METRICS_PORT is set (config/request_metrics.py)."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "offprint_http_requests_total", "Requests answered.", ["view", "method", "status"]
)
SECONDS = Histogram(
    "offprint_http_request_duration_seconds",
    "From a request's arrival in Django to its answer.",
    ["view", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

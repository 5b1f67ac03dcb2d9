"""metrics.py - a strict reader of /stats: Prometheus text 0.0.4 and OpenMetrics 1.0, as far as a daemon of ours may use them.

It refuses what a lenient scraper would swallow: a family in two pieces, a sample told twice, a histogram that does not add up.
"""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
VALUE = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|\+Inf")
META = re.compile(rf"# (HELP|TYPE|UNIT) ({NAME}) (.+)")
TYPES = {"counter", "gauge", "histogram"}


class Family:
    """A family's type and samples; `samples` by (name, frozenset of labels)."""

    def __init__(self, name):
        self.name = name
        self.meta = {}
        self.samples = {}

    def suffixes(self, openmetrics):
        """What may follow the family's name in a sample's."""
        return {
            "counter": {"_total"} if openmetrics else {""},
            "gauge": {""},
            "histogram": {"_bucket", "_sum", "_count"},
        }[self.meta["TYPE"]]

    def add(self, name, labels, value, openmetrics):
        suffix = name.removeprefix(self.name)
        assert name.startswith(self.name) and suffix in self.suffixes(openmetrics), f"{name} in {self.name}"
        pairs = re.findall(LABEL, labels or "")
        key = (name, frozenset(pairs))
        assert len({pair.split("=")[0] for pair in pairs}) == len(pairs), f"a label twice: {name} {labels}"
        assert key not in self.samples, f"told twice: {key}"
        assert VALUE.fullmatch(value), f"no number: {name} {value}"
        self.samples[key] = float(value)
        assert self.meta["TYPE"] == "gauge" or self.samples[key] >= 0, f"below 0: {key}"

    def series(self):
        """Of a histogram: by labels without le, its buckets in the order told, sum and count."""
        series = {}
        for (name, labels), value in self.samples.items():
            le = [pair for pair in labels if pair.startswith("le=")]
            one = series.setdefault(labels - set(le), {"buckets": []})
            if le:
                one["buckets"].append((float(le[0][4:-1]), value))
            else:
                one[name.removeprefix(self.name + "_")] = value
        return series

    def check(self, openmetrics):
        assert {"HELP", "TYPE"} <= set(self.meta), f"no HELP or TYPE: {self.name}"
        if openmetrics and "UNIT" in self.meta:
            assert self.name.endswith("_" + self.meta["UNIT"]), f"not its unit: {self.name}"
        if not openmetrics and self.meta["TYPE"] == "counter":
            assert self.name.endswith("_total"), f"a counter whose name does not say so: {self.name}"
        if self.meta["TYPE"] == "histogram":
            for labels, one in self.series().items():
                bounds, counts = zip(*one["buckets"])
                assert list(bounds) == sorted(set(bounds)) and bounds[-1] == math.inf, f"{self.name} {labels}: {bounds}"
                assert list(counts) == sorted(counts) and counts[-1] == one["count"], f"{self.name} {labels}: {counts}"
                assert one["sum"] >= 0, f"{self.name} {labels}: {one}"


def read(text, openmetrics=False):
    """All families by name; an AssertionError says what is wrong with the text."""
    families, family = {}, None
    lines = text.split("\n")
    assert lines.pop() == "", "the last line has no end"
    if openmetrics:
        assert lines.pop() == "# EOF", "no end is told"
    for line in lines:
        if meta := META.fullmatch(line):
            word, name, value = meta.groups()
            if not family or family.name != name:
                assert name not in families, f"in two pieces: {name}"
                family = families[name] = Family(name)
            assert word not in family.meta and not family.samples, f"late or twice: {line}"
            assert word != "TYPE" or value in TYPES, f"an unknown type: {line}"
            family.meta[word] = value
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample and family, f"not a sample: {line}"
            family.add(*sample.groups(), openmetrics)
    for family in families.values():
        family.check(openmetrics)
    return families

"""All scenes, in the order in which they run."""
from audit import Audit, Again
from grow import Growth
from local import Hashing, Start, Verify


def scenes(bench):
    return [
        Hashing(bench), Verify(bench),
        Audit(bench, "proxy-0", ["proxy"], 0), Audit(bench, "proxy-30", ["proxy"], 30),
        Audit(bench, "direct-0", ["direct"], 0), Audit(bench, "direct-50", ["direct"], 50),
        Audit(bench, "main", ["proxy", "direct"], 0, database=True),
        Again(bench), Start(bench), Growth(bench),
    ]

"""Training pipelines of two-stage models: whole images, flipped at random.

A config names the one it wants beside a data set's own file.
"""

# NAE, SeqNet
pipeline_900 = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=900, long=1500),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
# OIM
pipeline_600 = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=600, long=1000),
    dict(type="mmpsearch.RandomHorizontalFlip", prob=0.5),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]
test_pipeline_600 = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.WindowResize", short=600, long=1000),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]

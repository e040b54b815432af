"""What the confidence threshold means: the same on the Live, Evaluate and Settings pages."""

THRESHOLD_HELP = (
    "A face gets a name when the app is at least this sure. Higher: strangers are hardly ever given a name, but your own "
    "people are called unknown more often. At 50 % about 1 in 100 strangers gets a name, and 97 of 100 enrolled people got "
    "theirs, measured with 40 people and 400 strangers."
)

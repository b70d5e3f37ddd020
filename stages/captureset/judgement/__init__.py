"""How good a capture is: scores, grade, flags and advice. Plain Python, so that an app can ask too."""

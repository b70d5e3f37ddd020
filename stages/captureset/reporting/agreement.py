"""Model against person: on what people judged, how often the model was right, where not, and did it know."""

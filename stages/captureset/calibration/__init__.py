"""From photos a person called sharp or blurred to a threshold."""

"""How a network is trained: what the estimators hand over, and what comes back."""

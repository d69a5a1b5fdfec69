"""What the library's statistics promise, held against simulations whose truth is known."""

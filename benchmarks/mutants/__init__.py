"""Do the tests look? The source is altered in one place, and a test that runs it should fail."""

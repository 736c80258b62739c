"""The wall: candidate processes that hold a submission, and the talk with them."""

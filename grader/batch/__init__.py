"""Examines a whole class: in several processes or on a cluster, keeping what is done."""

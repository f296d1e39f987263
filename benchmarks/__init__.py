"""The comparisons of design: what this costs beside the best that is known, on the same machine in the same run."""

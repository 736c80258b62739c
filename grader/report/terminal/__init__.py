"""Reports as text for a terminal: results in, styled lines out, whatever the width and the encoding."""

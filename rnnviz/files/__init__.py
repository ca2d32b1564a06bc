"""Reading what users bring. Every refusal is a sentence that names the file, the finding and the expectation."""

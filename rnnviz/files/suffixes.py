"""By what names files are known that are more than a text to learn from."""

SESSION = ".rnnviz-session"
WEIGHTS = (".pt", ".pth", ".ckpt", ".safetensors")
TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".npy", ".npz")  # what is in them has to be looked at first
ARRAYS = frozenset({".npy", ".npz"})
TEXTS = (".txt", ".md", ".py")
VECTORS = (".vec", ".glove", ".w2v")  # of words, as GloVe and word2vec write them; in a .txt they can be, too

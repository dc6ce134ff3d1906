"""Finding what people mean and not only the words they use: sentences go in, moments come out."""

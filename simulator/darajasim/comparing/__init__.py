"""`darajasim diff`: the same requests to two Darajas, and what they answer differently."""

"""What is said of articles, sentence by sentence, and the gate that each sentence passes before it is shown."""

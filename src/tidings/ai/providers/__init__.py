"""Language models behind ports.LanguageModel.  There is one: whatever speaks chat/completions."""

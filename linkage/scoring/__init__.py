"""Scores: match weights of pairs, rules that decide by themselves, and explanations of both."""

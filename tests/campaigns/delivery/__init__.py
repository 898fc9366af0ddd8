"""Real workers, real servers, a provider that misbehaves: is everybody served, and nobody twice?"""

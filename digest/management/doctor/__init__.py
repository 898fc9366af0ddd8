"""What is missing for production, in words: `manage.py doctor`.

Each look is a function that yields symptoms; what it cannot know, it leaves out.
"""

from digest.management.doctor.examination import examine
from digest.management.doctor.symptom import Symptom

__all__ = ["Symptom", "examine"]

"""Top-box ratings of hospitals by their patients, after HCAHPS.

Source: US Centers for Medicare & Medicaid Services (CMS), HCAHPS survey and Quality Assurance
Guidelines, https://www.hcahpsonline.org; public domain.
"""

from satcore_hcahps.metric import HCAHPS, satcore_metrics
from satcore_hcahps.questionnaire import MEASURES, QUESTIONS, Question

__all__ = ["HCAHPS", "MEASURES", "QUESTIONS", "Question", "satcore_metrics"]

"""Everything that learns: data sets, augmentation, fine-tuning, jobs, models, evaluation. Knows nothing of Streamlit."""

"""From a picture to a name: detection, alignment, embedding, gallery, identification. Knows nothing of Streamlit."""

"""A web page to search with, over the inferencers and the gallery (extra ``[app]``).

Without Gradio: what a user may see (``media``), what is uploaded (``uploads``) and
looked at (``viewing``), one user's search (``sessions``, ``answers``), work in the
background (``jobs``, ``adding``), the gallery's care (``gallery_care``, ``sources``,
``storage``), what its similarities mean (``measured_rates``), tracks (``labels``) and
all of it together (``service``). With Gradio: ``page`` and ``launch``.
"""

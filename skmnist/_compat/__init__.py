"""The only place of private or undocumented names of other libraries."""

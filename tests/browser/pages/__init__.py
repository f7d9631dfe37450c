"""What persons see and do, page by page: elements by role and label, methods by intention."""

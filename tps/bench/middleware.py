"""What the measures need from inside the server."""

from django.db import connection

QUERIES_HEADER = "X-TPS-Queries"


class QueryCountMiddleware:
    """Say in a header how many SQL queries an answer took; only where `TPS_BENCH=1`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        count = 0
        connection.ensure_connection()  # what a new connection asks is not the page's doing

        def counted(execute, sql, params, many, context):
            nonlocal count
            count += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response[QUERIES_HEADER] = str(count)
        return response

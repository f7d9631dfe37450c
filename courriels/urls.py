"""The inbox of the demo, relative to `demo/courriels/`."""

from django.urls import path

from courriels import views

app_name = "courriels"
urlpatterns = [
    path("", views.demo_list, name="demo_list"),
    path("<int:pk>/", views.demo_detail, name="demo_detail"),
    path("<int:pk>/html/", views.demo_html, name="demo_html"),
]

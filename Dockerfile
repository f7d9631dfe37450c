# L’image de production : web, worker, beat et migrations y tournent, sous un compte sans droits.
FROM python:3.12-slim-bookworm AS paquets
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt .
RUN /opt/venv/bin/pip install -r requirements.txt

FROM python:3.12-slim-bookworm
# Pango et une police, pour les PDF.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        fonts-dejavu-core fonts-liberation libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home tps \
    && install -d -o tps -g tps /data
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TPS_VAR=/data
WORKDIR /app
COPY --from=paquets /opt/venv /opt/venv
COPY . .
# Rien de ces valeurs ne reste dans l’image : elles ne servent qu’à lire les réglages. Ce qui est
# écarté du DSFR (chaque composant à part, les navigateurs anciens) n’est lié par aucune page.
RUN SECRET_KEY=construction-de-l-image-0123456789-abcdefghijklmnop ALLOWED_HOSTS=construction \
    DATABASE_URL=postgres://construction REDIS_URL=redis://construction \
    python manage.py collectstatic --noinput -i '*.md' -i component -i legacy -i analytics \
    -i core -i scheme -i 'icons-*' -i '*.main.min.*' -i '*.legacy.min.*'
USER tps
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "scripts/healthcheck.py"]
CMD ["gunicorn", "--config", "gunicorn.conf.py", "tps.wsgi:application"]

